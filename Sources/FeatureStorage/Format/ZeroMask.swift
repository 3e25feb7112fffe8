import CKernels

/// Values without those that are zero: a bitmap of the values with a bit that is not 0, then those values in order.
struct ZeroMask {
    let width: Int
    /// The number of values that are not zero.
    let keptCount: Int
    /// The bitmap, then the values that are not zero.
    let bytes: [UInt8]
    /// The bytes of the bitmap.
    let bitmapByteCount: Int

    /// Takes the zeros out of values of `width` bytes.
    init(of values: UnsafeRawBufferPointer, width: Int) {
        let count = values.count / width
        let bitmapByteCount = Bitmap.byteCount(of: count)
        var kept = 0
        bytes = [UInt8](unsafeUninitializedCapacity: bitmapByteCount + values.count) { target, initialized in
            guard let bitmap = target.baseAddress, count > 0 else { return }
            kept = ftc_zero_mask(values.baseAddress, count, width, bitmap, bitmap + bitmapByteCount)
            initialized = bitmapByteCount + kept * width
        }
        (self.width, keptCount, self.bitmapByteCount) = (width, kept, bitmapByteCount)
    }

    /// Fills `target` with the values of `stored`. Throws `.damaged` where they are not exactly as many.
    static func unpack(
        _ stored: UnsafeRawBufferPointer, width: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(FormatFault) {
        let count = target.count / width
        var packed = stored
        let bitmap = try packed.take(Bitmap.byteCount(of: count))
        let kept = try Bitmap.ones(in: bitmap, count: count)
        guard packed.count == kept * width else { throw .damaged("its features are not as many as its bitmap says") }
        ftc_expand(bitmap.baseAddress, packed.baseAddress, kept, width, target.baseAddress, count)
    }
}
