/// The command `octet`: one class for each verb, and what all of them share (options, progress,
/// errors as exit codes). It calls the library as any user would, and beyond that the writer of
/// files alone. Start at [io.octet.cli.Main], then at the verb of interest.
package io.octet.cli;
