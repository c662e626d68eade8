"""The detector's training: pictures with truth, drawn plates pasted in perspective, the network, its export."""
