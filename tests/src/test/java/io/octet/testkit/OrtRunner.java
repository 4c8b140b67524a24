package io.octet.testkit;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// ONNX Runtime with its optimizer off, one thread: what others make of a model that Octet wrote.
public final class OrtRunner implements AutoCloseable {
  private static final OrtEnvironment ENVIRONMENT =
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);

  private final OrtSession session;

  /// Loads a model.
  ///
  /// @throws OrtException if ONNX Runtime refuses it
  public OrtRunner(byte[] model) throws OrtException {
    try (SessionOptions options = new SessionOptions()) {
      options.setOptimizationLevel(OptLevel.NO_OPT);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = ENVIRONMENT.createSession(model, options);
    }
  }

  /// The outputs by name.
  public Map<String, Tensor> run(Map<String, Tensor> inputs) throws OrtException {
    Map<String, OnnxTensor> given = new HashMap<>();
    try {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        given.put(input.getKey(), toOrt(input.getValue()));
      }
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(given)) {
        for (String name : session.getOutputNames()) {
          outputs.put(name, fromOrt((OnnxTensor) result.get(name).orElseThrow()));
        }
      }
      return outputs;
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor toOrt(Tensor tensor) throws OrtException {
    long bytes = tensor.data().byteSize();
    ByteBuffer copy =
        ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    MemorySegment.ofBuffer(copy).copyFrom(tensor.data());
    long[] shape = tensor.shape().sizes();
    return switch (tensor.type()) {
      case F32 -> OnnxTensor.createTensor(ENVIRONMENT, copy.asFloatBuffer(), shape);
      case S32 -> OnnxTensor.createTensor(ENVIRONMENT, copy.asIntBuffer(), shape);
      case S64 -> OnnxTensor.createTensor(ENVIRONMENT, copy.asLongBuffer(), shape);
      case U8 -> OnnxTensor.createTensor(ENVIRONMENT, copy, shape, OnnxJavaType.UINT8);
      case S8 -> OnnxTensor.createTensor(ENVIRONMENT, copy, shape, OnnxJavaType.INT8);
      case BOOL -> OnnxTensor.createTensor(ENVIRONMENT, copy, shape, OnnxJavaType.BOOL);
      case F16 -> OnnxTensor.createTensor(ENVIRONMENT, copy, shape, OnnxJavaType.FLOAT16);
      case BF16 -> OnnxTensor.createTensor(ENVIRONMENT, copy, shape, OnnxJavaType.BFLOAT16);
      case F64 -> OnnxTensor.createTensor(ENVIRONMENT, copy.asDoubleBuffer(), shape);
    };
  }

  private static Tensor fromOrt(OnnxTensor tensor) {
    TensorInfo info = tensor.getInfo();
    DataType type =
        switch (info.type) {
          case FLOAT -> DataType.F32;
          case INT32 -> DataType.S32;
          case INT64 -> DataType.S64;
          case UINT8 -> DataType.U8;
          case INT8 -> DataType.S8;
          case BOOL -> DataType.BOOL;
          case DOUBLE -> DataType.F64;
          default -> throw new IllegalStateException("ONNX Runtime gave " + info);
        };
    byte[] bytes = new byte[tensor.getByteBuffer().remaining()];
    tensor.getByteBuffer().get(bytes);
    return Tensor.wrap(type, Shape.of(info.getShape()), MemorySegment.ofArray(bytes));
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
