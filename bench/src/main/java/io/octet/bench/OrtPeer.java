package io.octet.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.octet.tensor.Tensor;
import java.nio.ByteOrder;
import java.util.Map;

/// ONNX Runtime as its users run it: all optimizations, one thread, an input in direct memory.
final class OrtPeer implements AutoCloseable {
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs;

  OrtPeer(byte[] model, String name, Tensor input) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (SessionOptions options = new SessionOptions()) {
      options.setOptimizationLevel(OptLevel.ALL_OPT);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(model, options);
      inputs =
          Map.of(
              name,
              OnnxTensor.createTensor(
                  environment,
                  input.data().asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer(),
                  input.shape().sizes()));
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  void run() {
    try (OrtSession.Result _ = session.run(inputs)) {
      // The result lives until here.
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      inputs.values().forEach(OnnxTensor::close);
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
