import Tensors

/// Turns rows of `Float` into the bytes of a row type, and back.
struct RowCoding: Hashable, Sendable {
    let rowType: RowType
    let dimension: Int

    /// Rows as bytes. Where `misfits` is not 0, some values could not be kept and the bytes must not be used.
    struct Encoded: Hashable, Sendable {
        /// `RowType.scaleBytesPerRow` bytes a row; they stand in front of all values of a chunk.
        var scales: [UInt8] = []
        /// `RowType.valueWidth` bytes a value.
        var values: [UInt8] = []
        /// How many values the type cannot hold: not finite, or (f16, bf16) infinite once rounded, or (u8) of a row whose
        /// span is not finite.
        var misfits = 0
        /// The position of the first such value among all values of the rows.
        var firstMisfit: Int?
    }

    /// The bytes of `rows`, shape `[any, dimension]`.
    func encode(_ rows: UnsafeBufferPointer<Float>) -> Encoded {
        precondition(rows.count.isMultiple(of: dimension), "\(rows.count) values in rows of \(dimension)")
        var encoded = Encoded()
        encoded.values = [UInt8](unsafeUninitializedCapacity: rows.count * rowType.valueWidth) { bytes, count in
            count = rows.count * rowType.valueWidth
            guard count > 0 else { return }
            switch rowType {
            case .float16: encoded.misfits = Self.encode(rows, bytes, HalfPrecision.narrow)
            case .bfloat16: encoded.misfits = Self.encode(rows, bytes, BrainFloat.narrow)
            case .float32:
                encoded.misfits = rows.reduce(0) { $0 + ($1.isFinite ? 0 : 1) }
                UnsafeMutableRawBufferPointer(bytes).copyMemory(from: UnsafeRawBufferPointer(rows))
            case .uint8: encodeScaled(rows, bytes, &encoded)
            }
        }
        if encoded.misfits > 0 { encoded.firstMisfit = firstMisfit(rows) }
        return encoded
    }

    /// Writes the values of an unpacked payload (scales, then values) to `target`, shape `[any, dimension]`.
    func decode(_ payload: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>) {
        let rows = target.count / dimension
        precondition(
            rows * dimension == target.count && rows * rowType.bytesPerRow(dimension: dimension) == payload.count,
            "\(payload.count) bytes of \(rowType.rawValue) into \(target.count) values in rows of \(dimension)")
        guard rows > 0 else { return }
        switch rowType {
        case .float16: payload.withMemoryRebound(to: UInt16.self) { HalfPrecision.widen($0, into: target) }
        case .bfloat16: payload.withMemoryRebound(to: UInt16.self) { BrainFloat.widen($0, into: target) }
        case .float32: UnsafeMutableRawBufferPointer(target).copyMemory(from: payload)
        case .uint8:
            let values = UnsafeRawBufferPointer(rebasing: payload[(rows * RowScale.byteCount)...])
            for row in 0..<rows {
                let scale = RowScale(payload, row: row)
                let range = row * dimension..<(row + 1) * dimension
                scale.decode(UnsafeRawBufferPointer(rebasing: values[range]), into: target.extracting(range))
            }
        }
    }

    private static func encode(
        _ rows: UnsafeBufferPointer<Float>, _ bytes: UnsafeMutableBufferPointer<UInt8>,
        _ narrow: (UnsafeBufferPointer<Float>, UnsafeMutableBufferPointer<UInt16>) -> Int
    ) -> Int {
        bytes.extracting(..<(2 * rows.count)).withMemoryRebound(to: UInt16.self) { narrow(rows, $0) }
    }

    private func encodeScaled(
        _ rows: UnsafeBufferPointer<Float>, _ bytes: UnsafeMutableBufferPointer<UInt8>, _ encoded: inout Encoded
    ) {
        for start in stride(from: 0, to: rows.count, by: dimension) {
            let row = rows.extracting(start..<start + dimension)
            let scale = RowScale(of: row)
            encoded.misfits += scale.misfits(in: row)
            encoded.scales += scale.encoded
            scale.encode(row, into: bytes.extracting(start..<start + dimension))
        }
    }

    /// The slow second look at rows that do not fit.
    private func firstMisfit(_ rows: UnsafeBufferPointer<Float>) -> Int? {
        switch rowType {
        case .float16: return rows.firstIndex { !($0.magnitude < 65_520) }
        case .float32: return rows.firstIndex { !$0.isFinite }
        case .bfloat16: return rows.firstIndex { BrainFloat.overflows($0) }
        case .uint8:
            for start in stride(from: 0, to: rows.count, by: dimension) {
                let row = rows.extracting(start..<start + dimension)
                guard RowScale(of: row).misfits(in: row) > 0 else { continue }
                return start + (row.firstIndex { !$0.isFinite } ?? 0)
            }
            return nil
        }
    }
}
