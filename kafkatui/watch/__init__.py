"""What is followed and what is known from it: questions asked again and again, and the model that takes every
answer. No Textual."""
