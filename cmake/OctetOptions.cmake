# How every target is compiled: C++17, hidden symbols, warnings as errors.
option(OCTET_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

function(octet_configure target)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include)
  target_compile_definitions(${target} PRIVATE OCTET_BUILDING)
  set_target_properties(${target} PROPERTIES
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  octet_warn(${target})
  if(UNIX AND NOT APPLE)
    # Everything is resolved when the library is loaded, or it is not loaded. The sanitizers' own
    # symbols come with the program.
    target_link_options(${target} PRIVATE -Wl,-z,now -Wl,-z,relro
      -Wl,--version-script=${PROJECT_SOURCE_DIR}/../cmake/exports.map
      $<$<NOT:$<BOOL:${OCTET_SANITIZE}>>:-Wl,-z,defs>)
  endif()
endfunction()

function(octet_warn target)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /WX /utf-8)
  else()
    target_compile_options(${target} PRIVATE -Wall -Wextra -Werror)
  endif()
  if(OCTET_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=address,undefined)
  endif()
endfunction()
