"""One retraining: inbox, merge, reproduce, promote, and the way back."""
