"""Real PostgreSQL, SeaweedFS and Apache Kafka on loopback, and the supervisor of the services on them."""
