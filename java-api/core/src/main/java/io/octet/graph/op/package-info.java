/// Owns the operators: what each is called, what it takes and gives, and what follows for whoever
/// looks at one. A family of operators is one file here and one of the same name on each floor
/// above. It calls {@link io.octet.tensor} alone. Start reading at {@link io.octet.graph.op.Op}.
package io.octet.graph.op;
