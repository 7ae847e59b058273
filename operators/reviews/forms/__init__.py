"""What people type, validated."""
