"""The command line: every command is one service call and its printing."""
