"""Teaching the plate reader: plates drawn and photographed by chance, real crops, the network, its fit and export."""
