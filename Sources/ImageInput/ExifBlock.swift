/// The EXIF metadata of a picture: a TIFF structure (TIFF 6.0, section 2; CIPA DC-008, section 4.5) whose place
/// depends on the format.
///
/// Metadata that cannot be understood say nothing: they are no reason to refuse pixels that are whole.
struct ExifBlock {
    private let tiff: ByteReader

    /// The block within a file of the given format, or nil where there is none.
    init?(of format: ImageFormat, in bytes: UnsafeRawBufferPointer) {
        let file = ByteReader(bytes)
        let found: ByteReader? =
            switch format {
            case .jpeg: Self.inJPEG(file)
            case .png: Self.inPNG(file)
            case .webp: Self.inWebP(file)
            case .gif, .bmp: nil
            }
        guard let found else { return nil }
        tiff = found
    }

    /// The Orientation tag (274) of the first directory, or nil where it is missing or has no defined value.
    var orientation: Orientation? {
        guard let bigEndian = tiff.has("MM\0*", at: 0) ? true : tiff.has("II*\0", at: 0) ? false : nil,
            let directory = tiff.integer(at: 4, size: 4, bigEndian: bigEndian),
            let entries = tiff.integer(at: directory, size: 2, bigEndian: bigEndian)
        else { return nil }
        for index in 0..<entries {
            let entry = directory + 2 + 12 * index
            guard let tag = tiff.integer(at: entry, size: 2, bigEndian: bigEndian) else { return nil }
            guard tag == 274 else { continue }
            let type = tiff.integer(at: entry + 2, size: 2, bigEndian: bigEndian)
            let count = tiff.integer(at: entry + 4, size: 4, bigEndian: bigEndian)
            guard type == 3, count == 1 else { return nil }  // one SHORT
            return tiff.integer(at: entry + 8, size: 2, bigEndian: bigEndian).flatMap(Orientation.init(rawValue:))
        }
        return nil
    }

    /// The first APP1 segment that begins with "Exif", among those before the first scan.
    private static func inJPEG(_ file: ByteReader) -> ByteReader? {
        var offset = 2
        while file.integer(at: offset, size: 1) == 0xFF, let marker = file.integer(at: offset + 1, size: 1) {
            if marker == 0xFF {  // a fill byte
                offset += 1
                continue
            }
            guard marker != 0xDA, marker != 0xD9,
                let length = file.integer(at: offset + 2, size: 2, bigEndian: true), length >= 2
            else { return nil }
            if marker == 0xE1, length >= 8, file.has("Exif\0\0", at: offset + 4) {
                return file.slice(offset + 10, length - 8)
            }
            offset += 2 + length
        }
        return nil
    }

    private static func inPNG(_ file: ByteReader) -> ByteReader? {
        var offset = 8
        while let length = file.integer(at: offset, size: 4, bigEndian: true) {
            if file.has("eXIf", at: offset + 4) { return file.slice(offset + 8, length) }
            offset += 12 + length
        }
        return nil
    }

    /// The EXIF chunk of the RIFF container; some programs put the prefix of JPEG files before it.
    private static func inWebP(_ file: ByteReader) -> ByteReader? {
        var offset = 12
        while let length = file.integer(at: offset + 4, size: 4) {
            if file.has("EXIF", at: offset) {
                let prefix = file.has("Exif\0\0", at: offset + 8) && length >= 6 ? 6 : 0
                return file.slice(offset + 8 + prefix, length - prefix)
            }
            offset += 8 + length + length % 2
        }
        return nil
    }
}
