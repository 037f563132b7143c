# Writes a source that knows the commit it is built from; anew only when that has changed.
#   cmake -DSOURCE=the checkout -DOUTPUT=the file -P commit.cmake
set(commit "")
if(EXISTS ${SOURCE}/.git)
  execute_process(COMMAND git --no-optional-locks describe --always --dirty=-changed --exclude=* WORKING_DIRECTORY ${SOURCE}
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
configure_file(${SOURCE}/app/commit.cpp.in ${OUTPUT} @ONLY)
