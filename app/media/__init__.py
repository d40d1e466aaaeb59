"""Hold messages: the files, how they are made and served, and which melody is the default."""
