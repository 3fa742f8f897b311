import sys

from embedded.standins.tf_serving.main import main

sys.exit(main(sys.argv[1:]))
