# What cmake --install puts where, and the Debian package that cpack makes of it.
include(GNUInstallDirs)
set(ATTN_ZSH_FOLDER site-functions CACHE STRING "Below share/zsh: where completions go; in a Debian package vendor-completions")

# The program prints its own manual and completions.
set(made ${PROJECT_BINARY_DIR}/made)
file(MAKE_DIRECTORY ${made})
add_custom_command(
  OUTPUT ${made}/attn.1.gz ${made}/attn.bash ${made}/_attn
  COMMAND attn man > ${made}/attn.1
  COMMAND gzip -9nf ${made}/attn.1
  COMMAND attn completion bash > ${made}/attn.bash
  COMMAND attn completion zsh > ${made}/_attn
  DEPENDS attn
  COMMENT "The manual and the completions of attn"
  VERBATIM)
add_custom_target(attn_made ALL DEPENDS ${made}/attn.1.gz)

install(TARGETS attn)
install(FILES ${made}/attn.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${made}/attn.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME attn)
install(FILES ${made}/_attn DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${ATTN_ZSH_FOLDER})
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)  # the name that Debian asks for
# The experiments on text that comes along; they name it by ../data.
install(FILES configs/quickstart.json configs/self_attention.json configs/recurrent_self_attention.json
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/configs)
install(FILES configs/KINDS.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/configs)
install(DIRECTORY configs/bench configs/kinds DESTINATION ${CMAKE_INSTALL_DOCDIR}/configs)
install(FILES data/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/data)
install(DIRECTORY data/sample DESTINATION ${CMAKE_INSTALL_DOCDIR}/data
        FILES_MATCHING PATTERN "*.en" PATTERN "*.fr" PATTERN "*.align" PATTERN "*.svg" PATTERN "__pycache__" EXCLUDE)

# The outcome of an experiment that the README shows.
install(DIRECTORY tests/figure2 DESTINATION ${CMAKE_INSTALL_DOCDIR}/tests
        FILES_MATCHING PATTERN "README.md" PATTERN "*.svg" PATTERN "__pycache__" EXCLUDE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "the attn authors")
set(CPACK_PACKAGE_CONTACT "the attn authors <attn@localhost>" CACHE STRING "Who made this package, for its control file")
set(CPACK_PACKAGE_DESCRIPTION
    "attn trains, evaluates and runs recurrent translation models with attention
on ordinary processors: two text files in, a translator out, without a GPU
and without Python. It shows what a model looked at as pages, pictures and
tables, and scores translations as sacreBLEU does.
.
It needs a processor with AVX2 and FMA, and uses more where there is more.")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "librsvg2-2 (>= 2.52)")  # loaded when a PNG is drawn
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)
include(CPack)
