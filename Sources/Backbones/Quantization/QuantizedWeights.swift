import Tensors

/// Weights of shape `[outputs, ...]` as bytes: each output has a scale of its own, and zero stays zero (Jacob et al.,
/// "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018; symmetric, as
/// oneDNN wants it).
struct QuantizedWeights: Sendable, Equatable {
    /// The bytes, -127...127, in the weights' order.
    let values: [Int8]
    /// What a step stands for, one an output.
    let scales: [Float]

    init(_ weight: DenseTensor) {
        let outputs = weight.shape[0]
        let length = outputs == 0 ? 0 : weight.elements.count / outputs
        var values: [Int8] = []
        values.reserveCapacity(weight.elements.count)
        var scales: [Float] = []
        for output in 0..<outputs {
            let kernel = weight.elements[output * length..<(output + 1) * length]
            let largest = kernel.reduce(Float(0)) { max($0, abs($1)) }
            let scale = largest / 127 >= .leastNormalMagnitude ? largest / 127 : 1
            scales.append(scale)
            for weight in kernel {
                values.append(Int8(min(max((weight / scale).rounded(.toNearestOrEven), -127), 127)))
            }
        }
        self.values = values
        self.scales = scales
    }
}
