module org.example.consumer {
  requires io.octet;
}
