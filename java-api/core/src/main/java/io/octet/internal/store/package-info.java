/// Owns what Octet remembers of this machine between processes: one small file that anybody may
/// damage or remove without harm. It calls internal.file alone. Start reading at {@link
/// io.octet.internal.store.Store}.
package io.octet.internal.store;
