import Tensors

extension InputError {
    /// The file ends before its picture does.
    static func truncatedPicture(_ format: ImageFormat, _ detail: String) -> InputError {
        InputError(
            "picture", "is a \(format.rawValue) file that ends too early (\(detail))",
            remedy: "Fetch or export it again")
    }

    /// The file contradicts its format.
    static func damagedPicture(_ format: ImageFormat, _ detail: String) -> InputError {
        InputError(
            "picture", "is a damaged \(format.rawValue) file (\(detail))", remedy: "Fetch or export it again")
    }

    /// The file is a legal one of a kind that is not read.
    static func unsupportedPicture(_ format: ImageFormat, _ detail: String) -> InputError {
        InputError(
            "picture", "is a \(format.rawValue) file of a kind that cannot be read (\(detail))",
            remedy: "Convert it to an 8-bit JPEG or PNG")
    }
}
