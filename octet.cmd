@echo off
rem Octet's command on Windows: finds a JDK 25, builds what is missing, runs the verb, as ./octet does.
rem   octet VERB [ARGUMENTS]     -Dname=value anywhere is a Java property; JAVA_TOOL_OPTIONS works as usual
setlocal EnableExtensions DisableDelayedExpansion
for %%I in ("%~dp0.") do set "OCTET_ROOT=%%~fI"
set "OCTET_MODULES=%OCTET_ROOT%\java-api\cli\target\module-path"

set "JDK="
call :consider "%JAVA_HOME%"
for /d %%D in (
  "%ProgramFiles%\Eclipse Adoptium\*"
  "%ProgramFiles%\Java\*"
  "%ProgramFiles%\Microsoft\*"
  "%ProgramFiles%\Zulu\*"
  "%ProgramFiles%\Amazon Corretto\*"
  "%USERPROFILE%\.jdks\*"
) do call :consider "%%~D"
for %%J in (javac.exe) do if not "%%~$PATH:J"=="" call :consider "%%~dp$PATH:J.."
if not defined JDK (
  echo octet: needs JDK 25 or later, and none was found in JAVA_HOME, Program Files, .jdks or PATH; install one or set JAVA_HOME. 1>&2
  exit /b 4
)

call :built
if errorlevel 1 call :build
if errorlevel 1 exit /b 4

rem for /f, because set /p would cut the line at 1023 characters.
set "MODULES="
for /f "usebackq delims=" %%L in ("%OCTET_MODULES%") do set "MODULES=%%L"
"%JDK%\bin\java.exe" --illegal-native-access=deny --enable-native-access=io.octet ^
  --module-path "%OCTET_ROOT%\java-api\cli\target\classes;%MODULES%" ^
  --add-modules org.bytedeco.dnnl.windows.x86_64,io.octet.natives ^
  -m io.octet.cli/io.octet.cli.Main %*
exit /b %errorlevel%

rem Takes the JDK in %1 if it is one of 25 or later and none was taken before. Its release file says so.
:consider
if defined JDK exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
findstr /r /c:"^JAVA_VERSION=.2[5-9]" /c:"^JAVA_VERSION=.[3-9][0-9]" "%~1\release" >nul 2>&1 && set "JDK=%~1"
exit /b 0

rem Fails where nothing is built, a source is younger, or a jar has gone since.
:built
if not exist "%OCTET_MODULES%" exit /b 1
powershell -NoProfile -Command "Set-Location -LiteralPath $env:OCTET_ROOT; $built = (Get-Item -LiteralPath $env:OCTET_MODULES).LastWriteTime; $files = @(Get-Item pom.xml, java-api\*\pom.xml, native\pom.xml, native\CMakeLists.txt) + @(Get-ChildItem java-api\*\src, cmake, native\include, native\src -Recurse -File); if ($files | Where-Object { $_.LastWriteTime -gt $built }) { exit 1 }; if ((Get-Content -LiteralPath $env:OCTET_MODULES) -split ';' | Where-Object { $_ -and -not (Test-Path -LiteralPath $_) }) { exit 1 }; exit 0"
exit /b %errorlevel%

:build
echo octet: building (the first time this downloads about 130 MB, oneDNN's binaries above all) 1>&2
if exist "%OCTET_MODULES%" del "%OCTET_MODULES%"
setlocal
set "JAVA_HOME=%JDK%"
rem Maven 3.9 itself calls what JDK 25 warns of.
set "MAVEN_OPTS=--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED %MAVEN_OPTS%"
pushd "%OCTET_ROOT%"
call mvnw.cmd -q -B -DskipTests -Dspotless.check.skip=true -pl java-api/cli -am package 1>&2 <nul
set "STATUS=%errorlevel%"
popd
exit /b %STATUS%
