"""Operating the box: what the person on the command line and the service manager need."""
