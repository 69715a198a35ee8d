"""Facts out to Kafka and in from it, none lost, none twice in effect."""
