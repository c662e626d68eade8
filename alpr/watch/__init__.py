"""What is looked at again and again: the box, the views of its cameras, lists that end, visits that last."""
