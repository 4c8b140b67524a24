/// The C++ libraries of Octet, as resources: `/io/octet/native/<platform>/`. No code.
module io.octet.natives {}
