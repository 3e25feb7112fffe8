import ModelGraph
import Tensors

extension BatchNormalization {
    /// The normalization as `x * scale + shift`, one pair a channel, in double precision.
    var scaleAndShift: (scale: [Double], shift: [Double]) {
        var scales: [Double] = []
        var shifts: [Double] = []
        for channel in 0..<channels {
            let deviation = (Double(variance.elements[channel]) + Double(epsilon)).squareRoot()
            scales.append(Double(scale.elements[channel]) / deviation)
            shifts.append(Double(shift.elements[channel]) - Double(mean.elements[channel]) * scales[channel])
        }
        return (scales, shifts)
    }
}

extension Convolution {
    /// The convolution that gives what `normalization` makes of this one's result (Jacob et al. 2018, section 3.2).
    /// Computed in double precision and rounded once.
    func folding(_ normalization: BatchNormalization) -> Convolution {
        let folded = normalization.folded(into: weight, bias)
        return Convolution(weight: folded.weight, bias: folded.bias, groups: groups, window: window)
    }
}

extension Linear {
    /// The dense layer that gives what `normalization` makes of this one's result.
    func folding(_ normalization: BatchNormalization) -> Linear {
        let folded = normalization.folded(into: weight, bias)
        return Linear(weight: folded.weight, bias: folded.bias)
    }
}

extension BatchNormalization {
    /// Weights of shape `[channels, ...]`, and biases, of what gives normalized results.
    fileprivate func folded(into weight: DenseTensor, _ bias: DenseTensor?) -> (weight: DenseTensor, bias: DenseTensor)
    {
        precondition(channels == weight.shape[0], "\(channels) normalized channels after weights \(weight.shape)")
        let (scale, shift) = scaleAndShift
        let length = weight.elements.count / channels
        let elements = weight.elements.withUnsafeBufferPointer { source in
            [Float](unsafeUninitializedCapacity: source.count) { target, count in
                for channel in 0..<channels {
                    for index in channel * length..<(channel + 1) * length {
                        target.initializeElement(at: index, to: Float(Double(source[index]) * scale[channel]))
                    }
                }
                count = source.count
            }
        }
        let biases = (0..<channels).map { channel in
            Float(Double(bias?.elements[channel] ?? 0) * scale[channel] + shift[channel])
        }
        return (
            DenseTensor(shape: weight.shape, elements: elements), DenseTensor(shape: [channels], elements: biases)
        )
    }
}
