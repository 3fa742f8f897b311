import sys

from embedded.tf_serving.main import main

sys.exit(main(sys.argv[1:]))
