# Writes a source file with the commit that the program is built from. The file changes only if the commit does.
#   cmake -DSOURCE=<checkout> -DOUTPUT=<file> -P commit.cmake
set(commit "")
if(EXISTS ${SOURCE}/.git)
  execute_process(COMMAND git --no-optional-locks describe --always --dirty=-changed --exclude=* WORKING_DIRECTORY ${SOURCE}
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
configure_file(${SOURCE}/app/commit.cpp.in ${OUTPUT} @ONLY)
