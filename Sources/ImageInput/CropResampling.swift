import CImageCodecs

extension Picture {
    /// The center crop of this picture resized so that its shorter side is `shorterSide`: what torchvision's
    /// `Resize(shorterSide)` and `CenterCrop` make of a PIL picture, bit for bit.
    func resizedCrop(
        shorterSide: Int, width: Int, height: Int, interpolation: Interpolation, portable: Bool = false
    ) -> Picture {
        resizedCrop(
            to: Resizing.size(width: self.width, height: self.height, withShorterSide: shorterSide), width: width,
            height: height, interpolation: interpolation,
            portable: portable)
    }

    /// The center crop of this picture resized to `size`. Only pixels that the crop shows are computed. Where the resized
    /// picture is smaller than the crop, it is padded with zeros.
    ///
    /// `portable` keeps to instructions that every processor has; the result is the same.
    func resizedCrop(
        to size: (width: Int, height: Int), width cropWidth: Int, height cropHeight: Int, interpolation: Interpolation,
        portable: Bool = false
    ) -> Picture {
        let (newWidth, newHeight) = size
        let x = CropSpan(of: cropWidth, in: newWidth)
        let y = CropSpan(of: cropHeight, in: newHeight)
        let columns = ResamplingAxis(from: width, to: newWidth, outputs: x.visible, interpolation: interpolation)
        let rows = ResamplingAxis(from: height, to: newHeight, outputs: y.visible, interpolation: interpolation)
        let isPadded = x.visible.count < cropWidth || y.visible.count < cropHeight
        return Picture(width: cropWidth, height: cropHeight) { target in
            if isPadded { target.initialize(repeating: 0) }
            let corner = 3 * (y.padding * cropWidth + x.padding)
            let visible = UnsafeMutableBufferPointer(rebasing: target[corner...])
            resample(columns, rows, into: visible, stride: 3 * cropWidth, portable: portable)
        }
    }

    /// Along x into rows of bytes, then along y, as Pillow does.
    private func resample(
        _ columns: ResamplingAxis, _ rows: ResamplingAxis, into target: UnsafeMutableBufferPointer<UInt8>, stride: Int,
        portable: Bool
    ) {
        let rowBytes = 3 * columns.starts.count
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: rows.inputs.count * rowBytes) { middle in
            pixels.withUnsafeBufferPointer { pixels in
                let first = 3 * (rows.inputs.lowerBound * width + columns.inputs.lowerBound)
                let start = UnsafeBufferPointer(rebasing: pixels[first...]).baseAddress
                columns.withUnsafeAxis {
                    ftc_resample_horizontally(
                        start, 3 * width, rows.inputs.count, $0, middle.baseAddress, rowBytes, portable)
                }
                rows.withUnsafeAxis {
                    ftc_resample_vertically(
                        middle.baseAddress, rowBytes, rowBytes, $0, target.baseAddress, stride, portable)
                }
            }
        }
    }
}
