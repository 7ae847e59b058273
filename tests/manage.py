"""`python -m tests.manage COMMAND`: Django's command line on empty throwaway servers."""

import sys

from django.core.management import execute_from_command_line

import tests.environment

if __name__ == "__main__":
    assert tests.environment.SERVERS.valkey.process.running()
    execute_from_command_line(sys.argv)
