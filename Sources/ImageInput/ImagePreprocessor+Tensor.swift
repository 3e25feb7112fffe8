public import Tensors

extension ImagePreprocessor {
    /// The network's input for one picture, shape `[1, 3, cropHeight, cropWidth]`. Throws as `crop(of:)` does.
    public func tensor(of picture: Picture) throws -> Tensor4 {
        var tensor = Tensor4(count: 1, channels: 3, height: cropHeight, width: cropWidth)
        try write(picture, to: &tensor, at: 0)
        return tensor
    }

    /// Writes the network's input for one picture to the place `index` of a batch of shape
    /// `[count, 3, cropHeight, cropWidth]`. Throws as `crop(of:)` does.
    public func write(_ picture: Picture, to batch: inout Tensor4, at index: Int) throws {
        try write(crop: crop(of: picture), to: &batch, at: index)
    }

    /// The same of a view of a picture with the content `content`.
    public func write(
        _ picture: Picture, view: PictureView, content: Fingerprint, to batch: inout Tensor4, at index: Int
    ) throws {
        try write(crop: crop(of: picture, view: view, content: content), to: &batch, at: index)
    }

    private func write(crop: Picture, to batch: inout Tensor4, at index: Int) throws {
        precondition(
            batch.channels == 3 && batch.height == cropHeight && batch.width == cropWidth
                && (0..<batch.count).contains(index),
            "item \(index) of \(batch.shape) for a picture [3, \(cropHeight), \(cropWidth)]")
        let size = batch.elementsPerItem
        batch.withUnsafeMutableElements { normalize(crop, into: $0.extracting(index * size..<(index + 1) * size)) }
    }

    /// Writes `(value / 255 - mean) / standardDeviation` for each value of a crop `[height, width, 3]` to `target`,
    /// `[3, height, width]`, planes in `channelOrder`; the same operations on `Float` in the same order as torchvision's `ToTensor` and `Normalize`.
    package func normalize(_ crop: Picture, into target: UnsafeMutableBufferPointer<Float>) {
        let plane = crop.width * crop.height
        precondition(target.count == 3 * plane, "a crop of \(crop.pixels.count) values into \(target.count) floats")
        crop.pixels.withUnsafeBufferPointer { pixels in
            for channel in 0..<3 {
                let values = (0..<256).map { (Float($0) / 255 - mean[channel]) / standardDeviation[channel] }
                let place = channelOrder == .rgb ? channel : 2 - channel
                let to = target.extracting(place * plane..<(place + 1) * plane)
                values.withUnsafeBufferPointer { values in
                    for pixel in 0..<plane { to[pixel] = values[Int(pixels[3 * pixel + channel])] }
                }
            }
        }
    }
}
