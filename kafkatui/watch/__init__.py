"""What is asked of the cluster again and again, and the model that takes in every answer. No Textual."""
