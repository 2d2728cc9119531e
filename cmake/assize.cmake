# Compiler flags and the functions every folder uses.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
# Asserts guard impossible states and stay on in every build.
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")

find_package(PkgConfig REQUIRED)
pkg_check_modules(UV REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(LWS REQUIRED IMPORTED_TARGET libwebsockets)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(PROTOBUFC REQUIRED IMPORTED_TARGET libprotobuf-c)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET openssl)
pkg_check_modules(LIBCONFIG REQUIRED IMPORTED_TARGET libconfig)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
find_library(UNISTRING_LIBRARY unistring REQUIRED)

add_library(assize_flags INTERFACE)
target_include_directories(assize_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(assize_flags INTERFACE _GNU_SOURCE ASSIZE_VERSION="${PROJECT_VERSION}")
target_compile_options(assize_flags INTERFACE
  -Wall -Wextra -Wshadow -Wvla -Wundef -Wstrict-prototypes -Wmissing-prototypes -Wformat=2
  -Wimplicit-fallthrough -Wswitch-enum -Wconversion -Wno-sign-conversion -Wcast-qual -Wwrite-strings
  -fno-common -fstack-protector-strong -fno-omit-frame-pointer
  $<$<BOOL:${ASSIZE_WERROR}>:-Werror>)
if(ASSIZE_SANITIZE)
  add_compile_options(-fsanitize=${ASSIZE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ASSIZE_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(assize_flags INTERFACE _FORTIFY_SOURCE=3)
endif()
if(ASSIZE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# assize_library(NAME dep...): the static library of this folder, from all its *.c files.
function(assize_library name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC ${ARGN} PRIVATE assize_flags)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# assize_embed(TARGET TABLE pattern NAMES HEADER TYPE COUNT): the files of a pattern as a C table of the target, so that
# a program and its texts cannot part.
function(assize_embed target table pattern names header type count)
  file(GLOB sources CONFIGURE_DEPENDS ${pattern})
  set(embedded ${CMAKE_CURRENT_BINARY_DIR}/${table}.c)
  add_custom_command(
    OUTPUT ${embedded}
    COMMAND ${CMAKE_COMMAND} -D OUTPUT=${embedded} -D "SOURCES=${sources}" -D TABLE=${table} -D "NAMES=${names}"
            -D HEADER=${header} -D TYPE=${type} -D COUNT=${count} -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${sources} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${embedded})
endfunction()

# assize_program(NAME SOURCES file... LIBS dep...)
function(assize_program name)
  cmake_parse_arguments(A "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  target_link_libraries(${name} PRIVATE ${A_LIBS} assize_flags)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# assize_test(NAME dep...): one cmocka program NAME.c, run by CTest under the folder's label.
function(assize_test name)
  get_filename_component(label ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  add_executable(${name} ${name}.c)
  target_link_libraries(${name} PRIVATE ${ARGN} assize_flags cmocka)
  target_compile_definitions(${name} PRIVATE PROCEDURES="${PROJECT_SOURCE_DIR}/server/procedures"
                             PROCEDURES_PLAIN="${PROJECT_SOURCE_DIR}/tests/support/procedures")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 120)
endfunction()

# assize_fuzz(NAME dep...): one libFuzzer program NAME.c.
function(assize_fuzz name)
  add_executable(${name} ${name}.c)
  target_link_libraries(${name} PRIVATE ${ARGN} assize_flags)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
endfunction()
