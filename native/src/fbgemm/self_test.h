#pragma once

namespace octet {

// Runs each of FBGEMM's algorithms on small layers and compares every element with plain loops.
// Throws std::runtime_error with the name of the first that is wrong.
void self_test();

}  // namespace octet
