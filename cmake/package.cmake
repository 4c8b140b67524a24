# Run by Maven: cmake -DTO=folder -P package.cmake builds the release preset and installs the
# libraries into TO/<platform>; where there is no compiler it writes TO/absent.txt, which says so.
get_filename_component(native ${CMAKE_CURRENT_LIST_DIR}/../native ABSOLUTE)
set(tree ${native}/target/cmake)

function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${native} RESULT_VARIABLE status
    OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    string(JOIN " " command ${ARGN})
    message(FATAL_ERROR "${command}\n${output}")
  endif()
endfunction()

if(CMAKE_VERSION VERSION_LESS 3.23)
  set(missing "cmake ${CMAKE_VERSION} is older than 3.23")
elseif(NOT EXISTS ${tree}/release/CMakeCache.txt)
  file(REMOVE_RECURSE ${tree}/probe)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/probe -B ${tree}/probe
    RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
  if(NOT status EQUAL 0)
    set(missing "cmake finds no compiler for C and C++, or nothing to drive it (make)")
  endif()
endif()

# Not a library more than this build makes.
file(REMOVE_RECURSE ${TO})
if(DEFINED missing)
  file(WRITE ${TO}/absent.txt "${missing}")
  return()
endif()
run(${CMAKE_COMMAND} --preset release)
run(${CMAKE_COMMAND} --build --preset release --parallel)
run(${CMAKE_COMMAND} --install ${tree}/release --config Release --prefix ${TO})
