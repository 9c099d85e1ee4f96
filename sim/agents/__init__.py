"""The five kinds of actors, each a Mesa agent that owns a row of a table."""
