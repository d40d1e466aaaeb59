"""What all tests share: programs as processes, the telephone world, the application's side, and waiting."""
