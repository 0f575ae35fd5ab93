"""Parts of the screen that know no word of Kafka."""
