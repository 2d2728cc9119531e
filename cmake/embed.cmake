# Writes OUTPUT, a C table TABLE of struct TYPE {name, text} from the files in SOURCES, whose names fit NAMES. HEADER
# declares TYPE, TABLE and COUNT.
list(SORT SOURCES)
set(texts "")
set(rows "")
set(number 0)
foreach(source ${SOURCES})
  get_filename_component(name ${source} NAME_WE)
  if(NOT name MATCHES "${NAMES}")
    message(FATAL_ERROR "${source}: its name does not fit ${NAMES}")
  endif()
  file(READ ${source} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND texts "static const unsigned char text_${number}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", (const char *)text_${number}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT}
  "#include \"${HEADER}\"\n\n${texts}\nconst struct ${TYPE} ${TABLE}[] = {\n${rows}};\n"
  "const size_t ${COUNT} = sizeof(${TABLE}) / sizeof(${TABLE}[0]);\n")
