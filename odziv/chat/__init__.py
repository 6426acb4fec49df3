"""The customer's side: the widget's interface, the bot's turns, the event stream, the demo and help pages."""
