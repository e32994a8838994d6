"""Name resolution and typing: from source trees to the checked set."""
