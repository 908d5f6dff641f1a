"""What the program finds out of itself and of the machine: for `cascade-desk doctor` and reports. No Qt."""
