# Writes OUTPUT, a C table of the SQL files in SOURCES, named NNNN_what.sql (db/migrate_internal.h).
list(SORT SOURCES)
set(texts "")
set(rows "")
foreach(source ${SOURCES})
  get_filename_component(name ${source} NAME_WE)
  if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_[a-z_]+$")
    message(FATAL_ERROR "${source}: a migration is named NNNN_what.sql")
  endif()
  set(digits ${CMAKE_MATCH_1})
  string(REGEX REPLACE "^0+" "" number ${digits})
  file(READ ${source} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND texts "static const unsigned char sql_${digits}[] = {${bytes}0};\n")
  string(APPEND rows "    {${number}, \"${name}\", (const char *)sql_${digits}},\n")
endforeach()
file(WRITE ${OUTPUT}
  "#include \"db/migrate_internal.h\"\n\n${texts}\n"
  "const struct migration migrations[] = {\n${rows}};\n"
  "const size_t migration_count = sizeof(migrations) / sizeof(migrations[0]);\n")
