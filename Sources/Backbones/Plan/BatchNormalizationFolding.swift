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
        precondition(
            normalization.channels == outputChannels,
            "\(normalization.channels) normalized channels after a convolution to \(outputChannels)")
        let (scale, shift) = normalization.scaleAndShift
        let kernelLength = weight.elements.count / outputChannels
        let folded = weight.elements.withUnsafeBufferPointer { source in
            [Float](unsafeUninitializedCapacity: source.count) { target, count in
                for channel in 0..<outputChannels {
                    for index in channel * kernelLength..<(channel + 1) * kernelLength {
                        target.initializeElement(at: index, to: Float(Double(source[index]) * scale[channel]))
                    }
                }
                count = source.count
            }
        }
        let foldedBias = (0..<outputChannels).map { channel in
            Float(Double(bias?.elements[channel] ?? 0) * scale[channel] + shift[channel])
        }
        return Convolution(
            weight: DenseTensor(shape: weight.shape, elements: folded),
            bias: DenseTensor(shape: [outputChannels], elements: foldedBias), groups: groups, window: window)
    }
}
