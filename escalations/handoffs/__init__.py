"""What agents send and get back: messages, attachments, place in the line, the decision in their words."""
