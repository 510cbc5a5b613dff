"""What is remembered: tables, migrations, every query and every transaction."""
