/// Folders of images as samples: decoding, resizing, cropping. It calls `io.octet.io`,
/// `io.octet.tensor` and the JDK's image readers. Start at [io.octet.cli.data.ImageFolder].
package io.octet.cli.data;
