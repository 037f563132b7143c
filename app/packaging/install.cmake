# Installation (cmake --install) and the Debian package (cpack).
include(GNUInstallDirs)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME attn)
set(ATTN_ZSH_FOLDER site-functions CACHE STRING "Directory of zsh completions below share/zsh; vendor-completions in a Debian package")

# The program itself generates its manual page and completions.
set(generated ${PROJECT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${generated})
add_custom_command(
  OUTPUT ${generated}/attn.1.gz ${generated}/attn.bash ${generated}/_attn
  COMMAND attn man > ${generated}/attn.1
  COMMAND gzip -9nf ${generated}/attn.1
  COMMAND attn completion bash > ${generated}/attn.bash
  COMMAND attn completion zsh > ${generated}/_attn
  DEPENDS attn
  COMMENT "Generating the manual page and the completions"
  VERBATIM)
add_custom_target(attn_generated ALL DEPENDS ${generated}/attn.1.gz)

install(TARGETS attn)
install(FILES ${generated}/attn.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${generated}/attn.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME attn)
install(FILES ${generated}/_attn DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${ATTN_ZSH_FOLDER})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)  # the name that Debian requires

# The C library and the Python module.
configure_file(app/packaging/attn.pc.in ${generated}/attn.pc @ONLY)
install(TARGETS attn_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev NAMELINK_COMPONENT dev)
install(FILES lib/service/attn.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
install(FILES ${generated}/attn.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
install(FILES app/python/attn.py DESTINATION lib/python3/dist-packages COMPONENT dev)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/attn-dev RENAME copyright COMPONENT dev)
install(FILES app/packaging/attn.service app/packaging/Dockerfile app/packaging/train.sbatch DESTINATION ${CMAKE_INSTALL_DOCDIR}/app/packaging)

# The documentation, in the same relative places as in the source tree, so that its links work.
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
foreach(folder app configs lib tests tests/fixtures tests/golden tests/experiments/attention tests/experiments/documents
        tests/experiments/length tests/experiments/mpi tests/experiments/pytorch data)
  install(FILES ${folder}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/${folder})
endforeach()
install(FILES configs/ATTENTION.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/configs)
install(DIRECTORY tests/experiments DESTINATION ${CMAKE_INSTALL_DOCDIR}/tests
        FILES_MATCHING PATTERN "*.svg" PATTERN "__pycache__" EXCLUDE)
# The configurations that documentation refers to, and the sample corpus, whose path in them is ../data.
install(DIRECTORY configs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.json")
install(DIRECTORY data/sample DESTINATION ${CMAKE_INSTALL_DOCDIR}/data
        FILES_MATCHING PATTERN "*.en" PATTERN "*.fr" PATTERN "*.align" PATTERN "*.svg" PATTERN "__pycache__" EXCLUDE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "the attn authors")
set(CPACK_PACKAGE_CONTACT "the attn authors <attn@localhost>" CACHE STRING "Maintainer of the package, for its control file")
set(CPACK_PACKAGE_DESCRIPTION
    "attn trains, evaluates and runs sequence-to-sequence translation models with
attention on CPUs. Training takes two parallel text files and needs neither a
GPU nor Python. attn shows attention weights as web pages, pictures and tables,
and its metrics equal those of sacreBLEU.
.
It requires a processor with AVX2 and FMA.")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
if(ATTN_MPI)
  # The same program, connected to other processes by MPI. It takes the place of the package attn.
  set(CPACK_COMPONENTS_ALL attn)
  set(CPACK_DEBIAN_ATTN_PACKAGE_NAME attn-mpi)
  set(CPACK_DEBIAN_ATTN_PACKAGE_PROVIDES attn)
  set(CPACK_DEBIAN_ATTN_PACKAGE_CONFLICTS attn)
  set(CPACK_DEBIAN_ATTN_PACKAGE_REPLACES attn)
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/attn-mpi RENAME copyright)
else()
  set(CPACK_COMPONENTS_ALL attn dev)
  set(CPACK_DEBIAN_ATTN_PACKAGE_NAME attn)
endif()
set(CPACK_DEBIAN_DEV_PACKAGE_NAME attn-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_ATTN_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}")
set(CPACK_COMPONENT_DEV_DESCRIPTION
    "libattn answers requests in JSON with models of attn: translation, alignment
and scores. The package has the library, its header, its pkg-config file and a
Python module.")
set(CPACK_DEBIAN_ATTN_PACKAGE_DEPENDS "librsvg2-2 (>= 2.52)")  # loaded at run time to draw PNG files
if(ATTN_MPI)
  string(APPEND CPACK_DEBIAN_ATTN_PACKAGE_DEPENDS ", openmpi-bin")  # mpirun
endif()
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)
include(CPack)
