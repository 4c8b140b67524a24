/// Octet as a stranger's dependency: the project in tests/consumer, built and run in each form in
/// which a Java program is shipped. It calls Maven and Java as processes, nothing of Octet in this
/// one. Start at [ConsumerIT].
package io.octet.consumer;
