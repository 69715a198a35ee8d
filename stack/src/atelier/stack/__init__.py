"""Real PostgreSQL, SeaweedFS and Apache Kafka on loopback, and the supervisor that runs the services on them."""
