# So that `flask db upgrade` and the like find the commands.
FLASK_APP=app.cli
