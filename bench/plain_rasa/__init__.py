"""What the same help centre is with Rasa alone: one intent an article, default pipeline and policies, REST channel."""
