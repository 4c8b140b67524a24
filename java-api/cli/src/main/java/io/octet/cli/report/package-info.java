/// The HTML report of a quantization: one self-contained file, written from plain data. It calls
/// nothing of Octet but the writer of files. Start at [io.octet.cli.report.Report], the data, then
/// at [io.octet.cli.report.HtmlReport].
package io.octet.cli.report;
